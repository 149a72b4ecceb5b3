/// \file
/// All metrics; rocket/metrics/metric.hpp says what one is.
#pragma once
#include "rocket/metrics/agreement.hpp"
#include "rocket/metrics/auc.hpp"
#include "rocket/metrics/calibration_error.hpp"
#include "rocket/metrics/confusion.hpp"
#include "rocket/metrics/gauc.hpp"
#include "rocket/metrics/head_confusion.hpp"
#include "rocket/metrics/log_loss.hpp"
#include "rocket/metrics/top_k_error.hpp"
