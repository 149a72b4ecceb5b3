#include "images/experiment.hpp"

template Nets nets<rocket::Input<32, 32, 3>, 100, 2, Sharing::bottom>();
template Nets nets<rocket::Input<32, 32, 3>, 100, 2, Sharing::bottom_none>();
