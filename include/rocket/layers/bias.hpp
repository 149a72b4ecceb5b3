#pragma once

namespace rocket {

/// Whether a layer adds a bias.
enum class Bias { no, yes };

}  // namespace rocket
