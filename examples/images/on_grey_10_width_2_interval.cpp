#include "images/experiment.hpp"

template Nets nets<rocket::Input<28, 28, 1>, 10, 2, Sharing::interval>();
template Nets nets<rocket::Input<28, 28, 1>, 10, 2, Sharing::none>();
