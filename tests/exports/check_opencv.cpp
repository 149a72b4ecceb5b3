// Whether OpenCV computes of ONNX models what Rocket computed, of nets of numbers, in batches of four samples.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <opencv2/dnn.hpp>

#include "samples.hpp"

namespace {

bool check(const std::string& folder, const std::string& name, std::vector<int> shape) {
  const Samples samples{folder + '/' + name + ".txt"};
  cv::dnn::Net net = cv::dnn::readNetFromONNX(folder + '/' + name + ".onnx");
  const int batch = 4;
  shape.insert(shape.begin(), batch);
  int next = 0;
  cv::Mat logits;
  const double worst = largest_difference(samples, [&](const double* x, float* out) {
    if (next % batch == 0) {  // this sample and those behind it
      cv::Mat input{shape, CV_32F};
      const int of_batch = std::min(batch, samples.count - next);
      for (int b = 0; b < of_batch; ++b) {
        const std::vector<float> row = as_floats(samples[next + b], samples.inputs);
        std::copy(row.begin(), row.end(), input.ptr<float>() + b * samples.inputs);
      }
      net.setInput(input);
      logits = net.forward().clone();
    }
    std::copy_n(logits.ptr<float>() + next % batch * samples.logits, samples.logits, out);
    ++next;
    static_cast<void>(x);
  });
  std::printf("%s: largest difference %.1e of the largest logit\n", name.c_str(), worst);
  return worst <= 1e-5;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const bool dense = check(argv[1], "dense", {20}), images = check(argv[1], "convolutional", {9, 8, 3});
  return dense && images ? 0 : 1;
}
