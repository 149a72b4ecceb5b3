#include "images/experiment.hpp"

template Nets nets<rocket::Input<32, 32, 3>, 10, 2, Sharing::interval>();
template Nets nets<rocket::Input<32, 32, 3>, 10, 2, Sharing::none>();
