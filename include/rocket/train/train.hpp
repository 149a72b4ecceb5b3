/// \file
/// All optimizers and schedules, the trainer, its times and its progress bar.
#pragma once
#include "rocket/train/adam.hpp"
#include "rocket/train/layer_times.hpp"
#include "rocket/train/progress_bar.hpp"
#include "rocket/train/schedule.hpp"
#include "rocket/train/sgd.hpp"
#include "rocket/train/trainer.hpp"
