// expect: rocket: Conv2d: the number of groups .got. must divide the channels
// expect: Expected<3, 8>
// expect: Got<5>
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
constexpr int groups = 1;
#else
constexpr int groups = 5;
#endif
using Net = Plain<Input<4, 4, 3>, Conv2d<8, Window{.size = 3, .stride = 1, .padding = 1}, Bias::no, groups>>;

static_assert(Net::parameters > 0);
