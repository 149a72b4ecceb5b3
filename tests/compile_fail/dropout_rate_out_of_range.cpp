// expect: rocket: Dropout: the rate must be in .0, 1.
// expect: Dropout<
// expect: Got<.*1500
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Layer = Dropout<0.5>;
#else
using Layer = Dropout<1.5>;
#endif

template struct rocket::Solo<Input<16>, Sequential<>, Head<"net", Layer>>;
