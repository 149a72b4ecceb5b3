// expect: rocket: Named: a name is used for parameters of two shapes
// expect: Expected<.*3, 3, 16, 16
// expect: Got<.*3, 3, 16, 32
#include <rocket/models/wide_resnet.hpp>
using namespace rocket;

// The first block of group0 has a projection and 32 channels in the booster, neither in the light net.
#ifdef ROCKET_CONTROL
using Booster = WideResNet<16, 1>;
#else
using Booster = WideResNet<16, 2>;
#endif

template struct rocket::Launch<Input<8, 8, 3>, WideResNet<10>::Stem, WideResNet<10>::Body<10>, Booster::Body<10>>;
