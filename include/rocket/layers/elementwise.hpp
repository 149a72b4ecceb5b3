#pragma once
#include <algorithm>
#include <cstddef>
#include <iterator>

#include "rocket/layers/layer.hpp"

namespace rocket {

/// The common part of layers that treat every number by itself: y = f(x). A layer derives from it and states
///
///     template <class T> static T value(T x);                   // f(x)
///     template <class T> static T derivative(T x_or_y);         // f'(x), from the one that `From` names
///     static constexpr double nanoseconds;                      // of value, about: whether threads are worth it
///
/// From = Reads::output says the derivative in terms of y, and that the layer may work in place.
template <class Function, Reads From>
struct Elementwise {
  static_assert(From == Reads::input || From == Reads::output,
                "rocket: Elementwise: the derivative is stated in terms of the input or of the output");
  static constexpr Shape output(Shape in) { return in; }
  static constexpr Reads reads = From;
  static constexpr bool in_place = From == Reads::output;

  template <class Pass>
  static void forward(const Pass& pass) {
    each_chunk(pass, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) pass.output.data[i] = Function::value(pass.input.data[i]);
    });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient)
      each_chunk(pass, [&](std::size_t begin, std::size_t end) {
        const auto* from = From == Reads::input ? pass.input.data : pass.output.data;
        const auto* dy = pass.output_gradient.data;
        auto* dx = pass.input_gradient.data;
        // Slopes by themselves: where one may be 0, g++ would branch rather than multiply, and often guess wrong.
        typename Pass::Scalar slope[64];
        for (std::size_t i = begin; i < end; i += std::size(slope)) {
          const std::size_t count = std::min(std::size(slope), end - i);
          for (std::size_t j = 0; j < count; ++j) slope[j] = Function::derivative(from[i + j]);
          for (std::size_t j = 0; j < count; ++j) dx[i + j] = dy[i + j] * slope[j];
        }
      });
  }

 private:
  /// body(begin, end): numbers of the batch.
  template <class Pass, class Body>
  static void each_chunk(const Pass& pass, const Body& body) {
    constexpr auto size = static_cast<std::size_t>(Pass::in.size());
    pass.each_chunk(Function::nanoseconds * size, [&](int begin, int end) {
      body(static_cast<std::size_t>(begin) * size, static_cast<std::size_t>(end) * size);
    });
  }
};

}  // namespace rocket
