// expect: rocket: layer: it reads images
// expect: Conv2d
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Features = Input<8, 8, 1>;
#else
using Features = Input<64>;
#endif
using Net = Plain<Features, Sequential<Conv2d<8, Window{.size = 3, .stride = 1, .padding = 1}>, Dense<3>>>;

static_assert(Net::parameters > 0);
