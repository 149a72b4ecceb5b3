// expect: rocket: layer: it reads images
// expect: MaxPool<
// expect: Expected<.*3
// expect: Got<.*16
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using In = Input<4, 4, 1>;
#else
using In = Input<16>;
#endif

using Net = Plain<In, MaxPool<Window{.size = 2}>>;
static_assert(Net::parameters == 0);
