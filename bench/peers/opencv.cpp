/// \file
/// The same work in OpenCV's dnn (https://docs.opencv.org): inference, with nets put together layer by layer.
#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

#include "peer.hpp"

namespace peers {
namespace {

/// A net in the making: every function adds a layer behind those named and returns its name.
class Builder {
 public:
  explicit Builder(const Start& start) : start_{start} {}

  cv::dnn::Net net;
  std::size_t parameters = 0;

  int dense(int from, const std::string& name, int in, int out) {
    cv::Mat turned;
    cv::transpose(cv::Mat(in, out, CV_32F, numbers(name + ".weight")), turned);
    cv::dnn::LayerParams params;
    params.set("num_output", out);
    params.blobs = {turned, cv::Mat(1, out, CV_32F, numbers(name + ".bias")).clone()};
    parameters += static_cast<std::size_t>(in * out + out);
    return add("InnerProduct", params, {from});
  }
  int relu(int from) { return add("ReLU", {}, {from}); }
  int norm(int from, const std::string& name, int size) {
    cv::dnn::LayerParams params;
    params.set("has_weight", true);
    params.set("has_bias", true);
    params.set("eps", 1e-5f);
    for (const char* word : {".running_mean", ".running_variance", ".scale", ".shift"})
      params.blobs.push_back(cv::Mat(1, size, CV_32F, numbers(name + word)).clone());
    parameters += static_cast<std::size_t>(2 * size);
    return relu(add("BatchNorm", params, {from}));
  }
  /// Window x window x inputs x outputs become outputs x inputs x window x window.
  int convolution(int from, const std::string& name, int in, int out, int window, int stride) {
    const float* ours = numbers(name + ".weight");
    const int shape[] = {out, in, window, window}, positions = window * window;
    cv::Mat weight(4, shape, CV_32F);
    for (int o = 0; o < out; ++o)
      for (int i = 0; i < in; ++i)
        for (int p = 0; p < positions; ++p)
          weight.ptr<float>()[(o * in + i) * positions + p] = ours[(p * in + i) * out + o];
    cv::dnn::LayerParams params;
    params.set("num_output", out);
    params.set("kernel_size", window);
    params.set("stride", stride);
    params.set("pad", window / 2);
    params.set("bias_term", false);
    params.blobs = {weight};
    parameters += static_cast<std::size_t>(positions * in * out);
    return add("Convolution", params, {from});
  }
  int sum(int a, int b) {
    cv::dnn::LayerParams params;
    params.set("operation", "sum");
    return add("Eltwise", params, {a, b});
  }
  int global_average(int from) {
    cv::dnn::LayerParams params;
    params.set("pool", "ave");
    params.set("global_pooling", true);
    return add("Pooling", params, {from});
  }

 private:
  float* numbers(const std::string& name) { return const_cast<float*>(start_.arrays.at(name).data()); }
  int add(const std::string& type, cv::dnn::LayerParams params, std::initializer_list<int> from) {
    const int made = net.addLayer(type + std::to_string(++layers_), type, params);
    int place = 0;
    for (const int layer : from) net.connect(layer, 0, made, place++);
    return made;
  }

  const Start& start_;
  int layers_ = 0;
};

constexpr int input_layer = 0;  // OpenCV's number of it

void add_dense(Builder& builder, const DenseChain& chain) {
  int at = input_layer;
  for (std::size_t i = 0; i < chain.layers(); ++i) {
    if (i > 0) at = builder.relu(at);
    at = builder.dense(at, chain.name(i), chain.widths[i], chain.widths[i + 1]);
  }
}

void add_wide_light(Builder& builder) {
  int at = builder.convolution(input_layer, "trunk.conv0", channels, first_channels, 3, 1), in = first_channels;
  for (int group = 0; group < groups; ++group)
    for (int block = 0; block < blocks(light_depth); ++block) {
      const std::string name = "group" + std::to_string(group) + '.' + std::to_string(block);
      const int out = first_channels << group, stride = in == out ? 1 : 2;
      const int activated = builder.norm(at, "light." + name + ".bn0", in);
      const int middle = builder.convolution(activated, name + ".conv0", in, out, 3, stride);
      const int body =
          builder.convolution(builder.norm(middle, "light." + name + ".bn1", out), name + ".conv1", out, out, 3, 1);
      at = builder.sum(body, in == out ? at : builder.convolution(activated, name + ".shortcut", in, out, 1, stride));
      in = out;
    }
  builder.dense(builder.global_average(builder.norm(at, "light.bn", in)), "light.classifier", in, image_classes);
}

/// Height x width x channels become channels x height x width.
cv::Mat image(const Start& start) {
  const int shape[] = {1, channels, side, side};
  cv::Mat blob(4, shape, CV_32F);
  for (int p = 0; p < side * side; ++p)
    for (int c = 0; c < channels; ++c)
      blob.ptr<float>()[c * side * side + p] = start.features[static_cast<std::size_t>(p * channels + c)];
  return blob;
}

class OpenCv : public Peer {
 public:
  std::string name() const override { return "OpenCV"; }
  std::string version() const override { return CV_VERSION; }

  std::vector<Candidate> candidates(const Work& work, int threads, const Start& start) override {
    if (!is_inference(work.task)) return {};
    cv::setNumThreads(threads);
    Builder builder{start};
    work.images ? add_wide_light(builder) : add_dense(builder, dense_chain(work.task));
    builder.net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    const cv::Mat x =
        work.images ? image(start)
                    : cv::Mat(work.batch, light_widths[0], CV_32F, const_cast<float*>(start.features.data())).clone();
    const auto logits = [net = std::make_shared<cv::dnn::Net>(builder.net), x] {
      net->setInput(x);
      return net->forward();
    };
    return {{"", builder.parameters, [=] { logits(); },
             [=] {
               const cv::Mat y = logits();
               return std::vector<float>(y.ptr<float>(), y.ptr<float>() + y.total());
             }}};
  }
};

}  // namespace

std::unique_ptr<Peer> opencv_dnn() { return std::make_unique<OpenCv>(); }

}  // namespace peers
