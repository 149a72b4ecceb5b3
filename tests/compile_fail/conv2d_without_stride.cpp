// expect: rocket: Window: size and stride must be at least 1
// expect: Got<3, 0, 1>
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
constexpr int stride = 1;
#else
constexpr int stride = 0;
#endif

template struct rocket::Solo<Input<8, 8, 3>, Sequential<>,
                             Head<"net", Conv2d<8, Window{.size = 3, .stride = stride, .padding = 1}>>>;
