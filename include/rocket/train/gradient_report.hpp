#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace rocket {

/// The gradients of one batch, by whose parameters they are of. "Shared" is what light and booster both use: the trunk,
/// and what is Named in both heads.
struct GradientReport {
  double shared = 0;   ///< Euclidean norm over the shared parameters; 0 for a net with one head
  double light = 0;    ///< over those of the light net alone; of a net with one head whatever its role, over all
  double booster = 0;  ///< over those of the booster alone
  /// Of the angle, in the shared parameters, between what the light net asks for (its own loss, hint and teacher) and
  /// what the booster's loss asks for: 1 where they pull alike, -1 where one undoes the other. None where nothing is
  /// shared, or one of the two is 0.
  std::optional<double> cosine = {};
};

namespace detail {

/// \param asked  the gradient of each head's part of the loss, laid out as Net::parameter_table says; behind that, as
///               much of both as there is, that of what all heads read
template <class Net, class T>
GradientReport report_gradients(const std::array<std::vector<T>, Net::heads>& asked) {
  if constexpr (Net::heads == 1) {
    double squares = 0;
    for (const T g : asked[0]) squares += static_cast<double>(g) * static_cast<double>(g);
    return {0, std::sqrt(squares), 0};
  } else {
    enum User : std::uint8_t { of_light = 1, of_booster = 2, of_both = 3 };
    std::vector<std::uint8_t> users(asked[0].size());
    std::fill(users.begin() + Net::parameters, users.end(), of_both);
    const auto mark = [&](const auto& pieces, User user) {
      for (const auto& piece : pieces)
        for (std::size_t i = 0; i < piece.size; ++i) users[piece.offset + i] |= user;
    };
    mark(Net::template parameter_pieces<0>(), of_light);
    mark(Net::template parameter_pieces<1>(), of_booster);
    std::array<double, 4> squares{};  // of the sum, by users
    double product = 0, light = 0, booster = 0;
    for (std::size_t i = 0; i < users.size(); ++i) {
      const auto a = static_cast<double>(asked[0][i]), b = static_cast<double>(asked[1][i]);
      squares[users[i]] += (a + b) * (a + b);
      if (users[i] != of_both) continue;
      product += a * b;
      light += a * a;
      booster += b * b;
    }
    GradientReport report{std::sqrt(squares[of_both]), std::sqrt(squares[of_light]), std::sqrt(squares[of_booster])};
    if (light > 0 && booster > 0) report.cosine = product / std::sqrt(light * booster);
    return report;
  }
}

}  // namespace detail
}  // namespace rocket
