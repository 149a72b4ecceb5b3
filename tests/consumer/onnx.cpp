#include "net.hpp"

#include <rocket/deploy/onnx.hpp>

int main() {
  const Net net{rocket::Seed{1}};
  rocket::write_onnx(net.launch_light(), "light.onnx");
}
