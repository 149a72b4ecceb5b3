// expect: rocket: WideResNet: the depth must be 6 n \+ 4
// expect: Got<17>
#include <rocket/models/wide_resnet.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
template class rocket::WideResNet<16>;
#else
template class rocket::WideResNet<17>;
#endif
