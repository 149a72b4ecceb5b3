// expect: rocket: layer: expected .static.*string_view name
// expect: Broken
#include <rocket/rocket.hpp>
using namespace rocket;

struct Broken {
#ifdef ROCKET_CONTROL
  static constexpr std::string_view name = "Broken";
#endif
  static constexpr Shape output(Shape in) { return in; }
  template <class Pass>
  static void forward(const Pass&) {}
  template <class Pass>
  static void backward(const Pass&) {}
};

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Sequential<Relu, Broken>>>;
