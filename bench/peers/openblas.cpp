/// \file
/// The same work in OpenBLAS (https://www.openblas.net): the products of a dense layer.
#include <cblas.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "peer.hpp"

namespace peers {
namespace {

/// Row by row: y = x w; dw = x^T dy; dx = dy w^T.
struct Arrays {
  Arrays(const Work& work, const Start& start)
      : batch{work.batch},
        inputs{products[work.layer].inputs},
        outputs{products[work.layer].outputs},
        x{start.features},
        weight{start.arrays.at("weight")},
        dy{start.arrays.at("output_gradient")},
        y(dy.size()),
        dweight(weight.size()),
        dx(x.size()) {}

  void forward() {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, outputs, inputs, 1, x.data(), inputs, weight.data(),
                outputs, 0, y.data(), outputs);
  }
  void backward() {
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, inputs, outputs, batch, 1, x.data(), inputs, dy.data(),
                outputs, 0, dweight.data(), outputs);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, inputs, outputs, 1, dy.data(), outputs, weight.data(),
                outputs, 0, dx.data(), inputs);
  }

  int batch, inputs, outputs;
  std::vector<float> x, weight, dy, y, dweight, dx;
};

class OpenBlas : public Peer {
 public:
  std::string name() const override { return "OpenBLAS"; }
  std::string version() const override {
    return std::string{openblas_get_config()} + ", kernels of " + openblas_get_corename();
  }

  std::vector<Candidate> candidates(const Work& work, int threads, const Start& start) override {
    if (work.task != Task::product_forward && work.task != Task::product_backward) return {};
    openblas_set_num_threads(threads);
    const auto arrays = std::make_shared<Arrays>(work, start);
    if (work.task == Task::product_forward)
      return {{"", arrays->weight.size(), [=] { arrays->forward(); },
               [=] {
                 arrays->forward();
                 return arrays->y;
               }}};
    return {{"", arrays->weight.size(), [=] { arrays->backward(); },
             [=] {
               arrays->backward();
               std::vector<float> values = arrays->dweight;  // then the input gradient of the first sample
               values.insert(values.end(), arrays->dx.begin(), arrays->dx.begin() + arrays->inputs);
               return values;
             }}};
  }
};

}  // namespace

std::unique_ptr<Peer> openblas() { return std::make_unique<OpenBlas>(); }

}  // namespace peers
