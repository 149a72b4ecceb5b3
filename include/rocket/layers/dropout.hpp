#pragma once
#include <algorithm>

#include "rocket/core/check.hpp"
#include "rocket/core/real.hpp"
#include "rocket/layers/layer.hpp"

namespace rocket {

namespace detail {
template <class Layer, class GotThousandths, bool sound>
struct DropoutRateIsInRange {
  static_assert(holds<sound, Layer, GotThousandths>, "rocket: Dropout: the rate must be in [0, 1) (got: thousandths)");
  static constexpr bool ok = true;
};
}  // namespace detail

/// In training each number is dropped with probability Rate and the others are divided by 1 - Rate; otherwise y = x
/// (Srivastava et al. 2014, in the inverted form). Who is dropped is a function of (seed, epoch, sample, this layer's
/// name, index), so backward asks again instead of keeping a mask, and neither threads nor a restart change it.
template <Real Rate>
struct Dropout {
  static constexpr bool in_range = Rate.value() >= 0 && Rate.value() < 1;
  static_assert(detail::DropoutRateIsInRange<Dropout, Got<detail::thousandths(Rate.value())>, in_range>::ok);

  static constexpr std::string_view name = "Dropout";
  static constexpr Shape output(Shape in) { return in; }
  static constexpr Reads reads = Reads::nothing;
  static constexpr bool in_place = true;

  template <class Pass>
  static void forward(const Pass& pass) {
    if constexpr (Pass::training)
      mask(pass, pass.input.data, pass.output.data);
    else if (pass.output.data != pass.input.data)
      std::copy_n(pass.input.data, static_cast<std::size_t>(pass.batch) * Pass::in.size(), pass.output.data);
  }

  template <class Pass>
  static void backward(const Pass& pass) {
    if constexpr (Pass::wants_input_gradient) mask(pass, pass.output_gradient.data, pass.input_gradient.data);
  }

  template <class Place, class Graph, class Value>
  static Value describe(const Place&, Graph&, Value x) {
    return x;
  }

 private:
  template <class Pass, class T>
  static void mask(const Pass& pass, const T* from, T* to) {
    constexpr int size = Pass::in.size();
    constexpr T scale = static_cast<T>(1 / (1 - Rate.value()));
    const Random random = pass.random();
    pass.each_sample(3.0 * size, [&](int i) {
      const std::uint64_t sample = pass.context->sample(i);
      for (int block = 0; block < size; block += 4) {  // one call gives four numbers
        const auto four = random.bits(static_cast<std::uint64_t>(block), sample);
        for (int j = block; j < std::min(block + 4, size); ++j) {
          const long at = static_cast<long>(i) * size + j;
          const bool keeps = Random::uniform(four[static_cast<std::size_t>(j - block)]) >= Rate.value();
          to[at] = keeps ? from[at] * scale : T{0};
        }
      }
    });
  }
};

}  // namespace rocket
