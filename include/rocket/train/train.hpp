/// \file
/// All optimizers and schedules, the trainer, its times, callbacks. Logs are in <rocket/train/log.hpp>; checkpoints
/// need a package: <rocket/train/checkpoints.hpp>.
#pragma once
#include "rocket/train/adagrad.hpp"
#include "rocket/train/adam.hpp"
#include "rocket/train/best_so_far.hpp"
#include "rocket/train/layer_times.hpp"
#include "rocket/train/light_average.hpp"
#include "rocket/train/progress_bar.hpp"
#include "rocket/train/schedule.hpp"
#include "rocket/train/sgd.hpp"
#include "rocket/train/stop_on_interrupt.hpp"
#include "rocket/train/trainer.hpp"
