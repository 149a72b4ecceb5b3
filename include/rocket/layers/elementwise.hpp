#pragma once
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
    each_number(pass, [&](std::size_t i) { pass.output.data[i] = Function::value(pass.input.data[i]); });
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient)
      each_number(pass, [&](std::size_t i) {
        const auto from = From == Reads::input ? pass.input.data[i] : pass.output.data[i];
        pass.input_gradient.data[i] = pass.output_gradient.data[i] * Function::derivative(from);
      });
  }

 private:
  template <class Pass, class Body>
  static void each_number(const Pass& pass, const Body& body) {
    constexpr auto size = static_cast<std::size_t>(Pass::in.size());
    pass.each_chunk(Function::nanoseconds * size, [&](int begin, int end) {
      for (std::size_t i = static_cast<std::size_t>(begin) * size; i < static_cast<std::size_t>(end) * size; ++i)
        body(i);
    });
  }
};

}  // namespace rocket
