// SPDX-License-Identifier: Apache-2.0
// What a session sees of the SystemC phone, as Python values; see orrery/session/inspection.py.
#pragma once

#include <pybind11/pybind11.h>

#include "sim/phone/phone.hpp"

namespace orrery::module {

using PhoneClass = pybind11::class_<phone::Phone>;

// Adds it to the class.
void bind_inspection(pybind11::module_& m, PhoneClass& phone);
// RecordTap, for phones of all kinds.
void bind_record_tap(pybind11::module_& m);

}  // namespace orrery::module
