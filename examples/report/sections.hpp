#pragma once
#include <string>
#include <vector>

#include "report/runs.hpp"

/// \file
/// The sections of the page, each in a file of its own. One that has nothing to show is an empty text.

/// The variants: errors, paired differences, seconds; and what of it can be said in words.
std::string variants_section(const support::Results& results);

/// Errors and losses over epochs.
std::string curves_section(const support::Results& results);

/// How far light net and booster are apart, over epochs.
std::string gap_section(const support::Results& results);

/// Errors against multiply-adds, and what else the nets cost.
std::string cost_section(const support::Results& results);

/// What the groups of light net and booster look at, side by side: the paper's Figure 5.
std::string maps_section(const support::Results& results);

/// Where light net and booster decide alike and where not, and the errors class by class.
std::string confusion_section(const support::Results& results);

/// Commands, amounts, machines.
std::string making_section(const support::Results& results, const std::vector<RunsFile>& files);
