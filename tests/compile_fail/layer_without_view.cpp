// expect: rocket: layer: it has .view_room.: expected .template.*view
// expect: Broken
#include <rocket/rocket.hpp>
using namespace rocket;

struct Broken {
  static constexpr std::string_view name = "Broken";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr Elements view_room(Shape) { return {}; }
  template <class Pass>
  static void forward(const Pass&) {}
  template <class Pass>
  static void backward(const Pass&) {}
#ifdef ROCKET_CONTROL
  template <class Pass, class T>
  static auto view(const Pass&, T*) {
    return [](long, int, const auto*, auto*) {};
  }
#endif
};

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Sequential<Relu, Broken>>>;
