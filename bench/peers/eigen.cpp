/// \file
/// The same work in plain Eigen (https://eigen.tuxfamily.org), written by hand: inference of the dense nets. Outputs
/// are there before the first call, products go straight into them, bias and ReLU are one pass behind.
#include <Eigen/Core>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "peer.hpp"

namespace peers {
namespace {

/// Row by row, a sample a row.
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// \tparam WeightOrder  how the weights, inputs x outputs, lie in memory
template <int WeightOrder>
struct Net {
  Net(const Work& work, const Start& start)
      : x{Eigen::Map<const Matrix>(start.features.data(), work.batch, light_widths[0])} {
    const DenseChain chain = dense_chain(work.task);
    for (std::size_t i = 0; i < chain.layers(); ++i) {
      const int in = chain.widths[i], out = chain.widths[i + 1];
      weights.push_back(Eigen::Map<const Matrix>(start.arrays.at(chain.name(i) + ".weight").data(), in, out));
      biases.push_back(Eigen::Map<const Eigen::RowVectorXf>(start.arrays.at(chain.name(i) + ".bias").data(), out));
      outputs.emplace_back(work.batch, out);
      parameters += static_cast<std::size_t>(in * out + out);
    }
  }

  const Matrix& logits() {
    const Matrix* from = &x;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      Matrix& y = outputs[i];
      y.noalias() = *from * weights[i];  // of one row it's a matrix times a vector, which Eigen sees for itself
      if (i + 1 < weights.size())
        y = (y.rowwise() + biases[i]).cwiseMax(0.0f);
      else
        y.rowwise() += biases[i];
      from = &y;
    }
    return *from;
  }

  Matrix x;
  std::vector<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, WeightOrder>> weights;
  std::vector<Eigen::RowVectorXf> biases;
  std::vector<Matrix> outputs;
  std::size_t parameters = 0;
};

template <int WeightOrder>
Candidate inference(const Work& work, const Start& start) {
  const auto net = std::make_shared<Net<WeightOrder>>(work, start);
  return {WeightOrder == Eigen::RowMajor ? "inputs x outputs" : "outputs x inputs", net->parameters,
          [=] { net->logits(); },
          [=] {
            const Matrix& logits = net->logits();
            return std::vector<float>(logits.data(), logits.data() + logits.size());
          }};
}

class PlainEigen : public Peer {
 public:
  std::string name() const override { return "Eigen"; }
  std::string version() const override {
    return std::to_string(EIGEN_WORLD_VERSION) + '.' + std::to_string(EIGEN_MAJOR_VERSION) + '.' +
           std::to_string(EIGEN_MINOR_VERSION) + ", " + Eigen::SimdInstructionSetsInUse();
  }

  /// Its threads come from OpenMP.
  std::vector<Candidate> candidates(const Work& work, int threads, const Start& start) override {
    if (work.images || !is_inference(work.task)) return {};
    Eigen::setNbThreads(threads);
    return {inference<Eigen::RowMajor>(work, start), inference<Eigen::ColMajor>(work, start)};
  }
};

}  // namespace

std::unique_ptr<Peer> plain_eigen() { return std::make_unique<PlainEigen>(); }

}  // namespace peers
