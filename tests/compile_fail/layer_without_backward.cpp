// expect: rocket: layer: expected .template.*backward
// expect: Broken
#include <rocket/rocket.hpp>
using namespace rocket;

struct Broken {
  static constexpr std::string_view name = "Broken";
  static constexpr Shape output(Shape in) { return in; }
  template <class Pass>
  static void forward(const Pass&) {}
#ifdef ROCKET_CONTROL
  template <class Pass>
  static void backward(const Pass&) {}
#endif
};

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Sequential<Relu, Broken>>>;
