#pragma once

namespace crm {

// Sleeps a random while before a repetition, up to 2^attempt ms and 64 ms at most, so that those who met once
// do not meet again.
void SleepJitter(int attempt);

}  // namespace crm
