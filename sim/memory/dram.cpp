// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace orrery::memory {
namespace {

constexpr std::array<const char*, 5> field_names{"channel", "rank", "bank", "row", "column"};

}  // namespace

DramMapping::Part DramMapping::parse(const std::string& where, const std::string& text) {
    const size_t space = text.find(' ');
    const std::string name = text.substr(0, space);
    const auto found = std::find(field_names.begin(), field_names.end(), name);
    uint32_t bits = 0;
    if (space != std::string::npos) {
        const char* end = text.data() + text.size();
        if (std::from_chars(text.data() + space + 1, end, bits).ptr != end) bits = 0;
    }
    if (found == field_names.end() || bits < 1 || bits > 24) {
        throw std::runtime_error(fmt::format(
            "{}: \"{}\" is no part of a mapping, give channel, rank, bank, row or column and its "
            "bits, as \"row 14\"",
            where, text));
    }
    return {static_cast<Field>(found - field_names.begin()), bits};
}

uint32_t DramMapping::bits(Field field) const {
    uint32_t sum = 0;
    for (const Part& part : parts) sum += part.field == field ? part.bits : 0;
    return sum;
}

DramPlace DramMapping::place(uint64_t line) const {
    std::array<uint32_t, 5> value{};
    std::array<uint32_t, 5> shift{};
    for (const Part& part : parts) {
        const auto field = static_cast<size_t>(part.field);
        const auto piece = static_cast<uint32_t>(line & ((uint64_t{1} << part.bits) - 1));
        value[field] |= piece << shift[field];
        shift[field] += part.bits;
        line >>= part.bits;
    }
    DramPlace place{value[0], value[1], value[2], value[3], value[4]};
    if (bank_permutation) place.bank ^= place.row & ((1u << shift[2]) - 1);
    return place;
}

DramChannel::DramChannel(const DramTiming& timing, const DramQueue& queue, uint32_t ranks,
                         uint32_t banks)
    : timing_(timing), queue_(queue), ranks_(ranks) {
    for (Rank& rank : ranks_) rank.banks.resize(banks);
    writes_.reserve(queue.writes_high);
}

uint64_t DramChannel::arrive(uint64_t now) {
    const uint64_t due = now / timing_.refi;
    if (due > refreshes_due_) {
        counts_.refreshes += (due - refreshes_due_) * ranks_.size();
        refreshes_due_ = due;
    }
    if (now >= last_arrival_) {
        last_arrival_ = now;
    } else if (now > last_now_) {
        last_arrival_ += now - last_now_;
    }
    last_now_ = now;
    return last_arrival_ - now;
}

uint64_t DramChannel::read(const DramPlace& place, uint64_t now) {
    ++counts_.reads;
    const uint64_t behind = arrive(now);
    if (std::find(writes_.begin(), writes_.end(), place) != writes_.end()) {
        ++counts_.forwarded;
        return now + timing_.burst;
    }
    return access(place, now + behind, false) - behind;
}

void DramChannel::write(const DramPlace& place, uint64_t now) {
    ++counts_.writes;
    const uint64_t behind = arrive(now);
    // A line that waits already is written once.
    if (std::find(writes_.begin(), writes_.end(), place) == writes_.end()) {
        writes_.push_back(place);
    }
    if (writes_.size() >= queue_.writes_high) drain(queue_.writes_low, now + behind);
}

void DramChannel::drain(uint32_t left, uint64_t now) {
    if (writes_.size() <= left) return;
    const auto batch = static_cast<std::ptrdiff_t>(writes_.size() - left);
    for (auto place = writes_.begin(); place != writes_.begin() + batch; ++place) {
        access(*place, now, true);
    }
    writes_.erase(writes_.begin(), writes_.begin() + batch);
}

uint64_t DramChannel::access(const DramPlace& place, uint64_t now, bool is_write) {
    Rank& rank = ranks_[place.rank];
    refresh(rank, now);
    Bank& bank = rank.banks[place.bank];
    open(rank, bank, place.row, now);
    return transfer(rank, place.rank, bank, now, is_write);
}

// Refreshes are due at the multiples of tREFI. One waits for the rank's open banks to be
// precharged; of several that fell into idle time only the last can be felt.
void DramChannel::refresh(Rank& rank, uint64_t now) {
    const uint64_t due = now / timing_.refi;
    if (due <= rank.refreshed) return;
    rank.refreshed = due;
    uint64_t start = due * timing_.refi;
    bool any_open = false;
    for (const Bank& bank : rank.banks) {
        start = std::max(start, bank.row == no_row ? bank.activate : bank.precharge);
        any_open |= bank.row != no_row;
    }
    if (any_open) start += timing_.rp_all;
    for (Bank& bank : rank.banks) {
        bank.row = no_row;
        bank.activate = start + timing_.rfc;
    }
}

void DramChannel::open(Rank& rank, Bank& bank, uint32_t row, uint64_t now) {
    if (bank.row == row) {
        ++counts_.row_hits;
        return;
    }
    if (bank.row == no_row) {
        ++counts_.row_misses;
    } else {
        ++counts_.row_conflicts;
        bank.activate = std::max(now, bank.precharge) + timing_.rp;
    }
    const uint64_t start = std::max({now, bank.activate, rank.activate, rank.last[rank.oldest]});
    ++counts_.activates;
    rank.activate = start + timing_.rrd;
    rank.last[rank.oldest] = start + timing_.faw;
    rank.oldest = (rank.oldest + 1) % rank.last.size();
    bank.row = row;
    bank.column = start + timing_.rcd;
    bank.precharge = start + timing_.ras;
}

uint64_t DramChannel::transfer(Rank& rank, uint32_t rank_index, Bank& bank, uint64_t now,
                               bool is_write) {
    const uint64_t latency = is_write ? timing_.write_latency : timing_.read_latency;
    uint64_t bus = bus_free_;
    if (bus != 0 && bus_rank_ != rank_index) bus += timing_.rank_switch;
    if (is_write && bus_read_) bus += timing_.read_to_write;
    uint64_t command = std::max(now, bank.column);
    if (!is_write) command = std::max(command, rank.read);
    if (command + latency < bus) command = bus - latency;

    const uint64_t end = command + latency + timing_.burst;
    bus_free_ = end;
    bus_rank_ = rank_index;
    bus_read_ = !is_write;
    const uint64_t recovered = is_write ? end + timing_.wr : command + timing_.rtp;
    bank.precharge = std::max(bank.precharge, recovered);
    if (is_write) rank.read = end + timing_.wtr;
    return end;
}

}  // namespace orrery::memory
