#pragma once
#include "images/settings.hpp"
#include "support/run.hpp"

/// Prints the layers of the nets and what they cost; trains nothing.
support::Results summarize(const Settings& settings);

/// Trains every mode for every seed, one after the other. A booster that others learn from is trained once a seed,
/// before them. Throws rocket::FileError if the data isn't there.
support::Results run_all(const Settings& settings);
