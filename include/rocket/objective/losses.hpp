#pragma once
#include <array>
#include <cstddef>

namespace rocket {

/// The terms of one batch, each a mean over its samples and before its weight; 0 where there is no such term.
struct Losses {
  double light = 0;          ///< H(y, p); of a net with one head whatever its role, that head's
  double booster = 0;        ///< H(y, q)
  double hint = 0;           ///< the hint between the heads, with its batch_scale; 0 also while its weight is 0
  double teacher = 0;        ///< the hint from a frozen teacher
  double light_error = 0;    ///< the fraction of samples the light net (or the only head) got wrong
  double booster_error = 0;  ///< the same of the booster
  double agreement = 0;      ///< the fraction on which the two heads say the same
};

namespace detail {
/// Where each term stands in loss_terms.
struct LossPlace {
  enum : std::size_t { light, booster, hint, teacher, light_error, booster_error, agreement };
};
/// All terms, for what treats them alike.
inline constexpr std::array loss_terms{&Losses::light,    &Losses::booster,     &Losses::hint,
                                       &Losses::teacher,  &Losses::light_error, &Losses::booster_error,
                                       &Losses::agreement};
static_assert(loss_terms.size() == LossPlace::agreement + 1);
}  // namespace detail

}  // namespace rocket
