#include "images/experiment.hpp"

template Nets nets<rocket::Input<28, 28, 1>, 10, 2, Sharing::bottom>();
template Nets nets<rocket::Input<28, 28, 1>, 10, 2, Sharing::bottom_none>();
