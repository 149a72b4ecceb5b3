// expect: rocket: layer: it has statistics: expected .template.*absorb
// expect: Broken
#include <rocket/rocket.hpp>
using namespace rocket;

struct Broken {
  static constexpr std::string_view name = "Broken";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr auto statistics(Shape in) { return std::array{Statistic{"running_mean", in}}; }
  template <class Pass>
  static void forward(const Pass&) {}
  template <class Pass>
  static void backward(const Pass&) {}
#ifdef ROCKET_CONTROL
  template <class T, std::size_t N>
  static void absorb(Shape, int, const T*, const std::array<T*, N>&) {}
#endif
};

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Sequential<Relu, Broken>>>;
