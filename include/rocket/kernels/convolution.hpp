#pragma once
#include <type_traits>

#include "rocket/kernels/direct_convolution.hpp"
#include "rocket/kernels/winograd.hpp"

/// \file
/// Convolution of images (a cross-correlation, as everywhere in this field), NHWC:
///
///     y[i, j, o] = sum over (u, v, c): x[S i + u - P, S j + v - P, c] w[u, v, c, o]
///
/// with stride S and padding P; numbers outside of the image are 0.

namespace rocket {

/// How a convolution is computed: by what is fastest for its sizes, or always by direct sums, whose rounding error is
/// the smallest.
enum class ConvolveBy { fastest, direct_sums };

}  // namespace rocket

namespace rocket::kernels {

/// The passes of a convolution: DirectConvolution or Winograd. Both have, static:
///
///     const T* prepare(weight, prepared)                            what forward wants in place of the weight: the
///                                                                   weight itself, or `prepared`, where it writes
///                                                                   prepared_weights numbers
///     forward(images, x, prepared, y, scratch, view, addends)
///     weight_gradient(images, x, dy, sums, scratch, view, next)     adds to weight_sums numbers that began at 0
///     finish_weight_gradient(sums, dweight)                         writes
///     const T* prepare_gradient(weight, prepared)                   as prepare, prepared_gradient_weights numbers
///     input_gradient(images, dy, prepared, dx, scratch, addends, next)
///
/// `scratch` holds forward_scratch, weight_gradient_scratch, input_gradient_scratch numbers. `view` (pad.hpp) is what a
/// pixel goes through on its way in, `addends` (addends.hpp) what is added to the sums, `next` (prefetch.hpp) what will
/// be read next and may be left out. Both gradients of images_at_once images, one after the other, find in the caches
/// what they share.
template <ConvolutionSizes S, ConvolveBy By = ConvolveBy::fastest>
struct Convolution
    : std::conditional_t<By == ConvolveBy::fastest && winograd_wins(S), Winograd<S>, DirectConvolution<S>> {};

}  // namespace rocket::kernels
