#include <rocket/deploy/onnx.hpp>
#include <rocket/layers/dense.hpp>
#include <rocket/net/launch.hpp>

int main() {
  const rocket::Plain<rocket::Input<4>, rocket::Dense<3>> net{rocket::Seed{1}};
  write_onnx(net, "light.onnx");
}
