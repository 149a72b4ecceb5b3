#include "images/experiment.hpp"

template Nets nets<rocket::Input<28, 28, 1>, 10, 1, Sharing::bottom>();
template Nets nets<rocket::Input<28, 28, 1>, 10, 1, Sharing::bottom_none>();
