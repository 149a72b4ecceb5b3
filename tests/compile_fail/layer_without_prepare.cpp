// expect: rocket: layer: it has .prepared.: expected .template.*prepare
// expect: Broken
#include <rocket/rocket.hpp>
using namespace rocket;

struct Broken {
  static constexpr std::string_view name = "Broken";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr int prepared(Shape in) { return in.size(); }
  template <class Pass>
  static void forward(const Pass&) {}
  template <class Pass>
  static void backward(const Pass&) {}
#ifdef ROCKET_CONTROL
  template <class Pass, class T>
  static void prepare(const Pass&, T*) {}
#endif
};

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Sequential<Relu, Broken>>>;
