// expect: rocket: hint: this gradient block lets the hint reach the booster
// expect: LightOnly
// expect: Expected<.*booster
// expect: Got<.*light
#include <rocket/rocket.hpp>
using namespace rocket;

struct LightOnly {
  template <class T, std::size_t C>
  T operator()(std::span<const T, C>, std::span<const T, C>, std::span<T, C>) const {
    return 0;
  }
};

#ifdef ROCKET_CONTROL
constexpr auto block = GradientBlock::logits;
#else
constexpr auto block = GradientBlock::none;
#endif
using Net = Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>>;

Trainer trainer{Net{Seed{}}, LightOnly{}, block};
