// expect: rocket: Window: size and stride must be at least 1
// expect: AveragePool<
// expect: Got<.*2, .*0, .*0
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Layer = AveragePool<Window{.size = 2, .stride = 1}>;
#else
using Layer = AveragePool<Window{.size = 2, .stride = 0}>;
#endif

using Net = Plain<Input<4, 4, 3>, Layer>;
static_assert(Net::parameters == 0);
