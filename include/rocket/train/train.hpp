/// \file
/// All optimizers and schedules, the trainer, its times, its progress bar and the end by Ctrl-C. Checkpoints need a
/// package: <rocket/train/checkpoints.hpp>.
#pragma once
#include "rocket/train/adam.hpp"
#include "rocket/train/layer_times.hpp"
#include "rocket/train/progress_bar.hpp"
#include "rocket/train/schedule.hpp"
#include "rocket/train/sgd.hpp"
#include "rocket/train/stop_on_interrupt.hpp"
#include "rocket/train/trainer.hpp"
