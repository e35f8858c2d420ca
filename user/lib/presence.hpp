// SPDX-License-Identifier: Apache-2.0
// Pages of a program come when they are touched. Who compares numbers of free frames brings them in
// before.
#pragma once

namespace user {

// Makes all pages of the program's code, constants, variables and first stack be there.
void bring_in_program();

}  // namespace user
