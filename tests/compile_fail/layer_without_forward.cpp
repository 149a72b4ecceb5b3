// expect: rocket: layer: expected .template.*forward
// expect: Broken
#include <rocket/rocket.hpp>
using namespace rocket;

struct Broken {
  static constexpr std::string_view name = "Broken";
  static constexpr Shape output(Shape in) { return in; }
#ifdef ROCKET_CONTROL
  template <class Pass>
  static void forward(const Pass&) {}
#endif
  template <class Pass>
  static void backward(const Pass&) {}
};

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Sequential<Relu, Broken>>>;
