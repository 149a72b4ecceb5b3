/// \file
/// All layers.
#pragma once
#include "rocket/layers/attention_map.hpp"
#include "rocket/layers/average_pool.hpp"
#include "rocket/layers/batch_norm.hpp"
#include "rocket/layers/conv2d.hpp"
#include "rocket/layers/dense.hpp"
#include "rocket/layers/dropout.hpp"
#include "rocket/layers/gelu.hpp"
#include "rocket/layers/global_average_pool.hpp"
#include "rocket/layers/leaky_relu.hpp"
#include "rocket/layers/max_pool.hpp"
#include "rocket/layers/relu.hpp"
#include "rocket/layers/sigmoid.hpp"
#include "rocket/layers/tanh.hpp"
