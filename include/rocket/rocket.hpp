/// \file
/// Rocket: train a light net together with a booster, ship the light one. This is what trains and predicts in memory.
/// By name one includes nets of the literature, under <rocket/models/>; what needs a package: <rocket/xtensor.hpp>,
/// <rocket/eigen.hpp>, the file readers under <rocket/data/>, <rocket/files/npz.hpp>, <rocket/net/weights.hpp>,
/// <rocket/train/checkpoints.hpp>, <rocket/deploy/onnx.hpp>; what brings threads or streams: <rocket/data/shards.hpp>,
/// <rocket/train/log.hpp>; and what is of files and exports, such as <rocket/deploy/header.hpp> (CONTRIBUTING.md has
/// the list).
#pragma once
#include "rocket/data/data.hpp"
#include "rocket/deploy/predictor.hpp"
#include "rocket/deploy/scorer.hpp"
#include "rocket/layers/layers.hpp"
#include "rocket/metrics/metrics.hpp"
#include "rocket/net/copy_by_name.hpp"
#include "rocket/net/launch.hpp"
#include "rocket/net/summary.hpp"
#include "rocket/objective/objectives.hpp"
#include "rocket/train/train.hpp"
#include "rocket/version.hpp"
