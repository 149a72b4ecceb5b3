// expect: rocket: layer: it has .stored.: expected .template.*store
// expect: Broken
#include <rocket/rocket.hpp>
using namespace rocket;

struct Broken {
  static constexpr std::string_view name = "Broken";
  static constexpr Shape output(Shape in) { return in; }
  template <Shape In, Stored>
  static constexpr int stored() {
    return In.size();
  }
  template <class Pass>
  static void forward(const Pass&) {}
  template <class Pass>
  static void backward(const Pass&) {}
#ifdef ROCKET_CONTROL
  template <Stored How, class Pass>
  static void store(const Pass&, InputRange, float*) {}
#endif
};

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Sequential<Relu, Broken>>>;
