// expect: rocket: Window: its size is larger than the image
// expect: MaxPool<
// expect: Expected<.*6, .*4
// expect: Got<.*5
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Layer = MaxPool<Window{.size = 4, .padding = 1}>;
#else
using Layer = MaxPool<Window{.size = 5, .padding = 1}>;
#endif

using Net = Plain<Input<4, 2, 3>, Layer>;
static_assert(Net::parameters == 0);
