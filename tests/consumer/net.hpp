#pragma once

#include <cstddef>

#include <rocket/rocket.hpp>

using Net = rocket::Launch<rocket::Input<4>,                                    //
                           rocket::Sequential<rocket::Dense<8>, rocket::Relu>,  // trunk
                           rocket::Sequential<rocket::Dense<3>>,                // light
                           rocket::Sequential<rocket::Dense<16>, rocket::Relu, rocket::Dense<3>>>;

/// Defined in another translation unit.
std::size_t parameters(const Net& net);
