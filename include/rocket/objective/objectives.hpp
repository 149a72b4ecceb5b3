/// \file
/// All hint losses, the gradient blocks, the objective.
#pragma once
#include "rocket/objective/attention_transfer.hpp"
#include "rocket/objective/hard_label.hpp"
#include "rocket/objective/kl.hpp"
#include "rocket/objective/logit_mse.hpp"
#include "rocket/objective/objective.hpp"
#include "rocket/objective/scale_free_logit_mse.hpp"
#include "rocket/objective/softmax_mse.hpp"
