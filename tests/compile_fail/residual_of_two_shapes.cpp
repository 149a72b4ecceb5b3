// expect: rocket: Residual: the shortcut must end in the shape the body ends in
// expect: Residual<
// expect: Expected<.*1, .*8
// expect: Got<.*1, .*16
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Block = Residual<Sequential<Dense<8>, Relu>, Dense<8>>;
#else
using Block = Residual<Sequential<Dense<8>, Relu>>;
#endif

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Block>>;
