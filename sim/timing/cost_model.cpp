// SPDX-License-Identifier: Apache-2.0
// CostModel: decoder and pipeline put together.
#include "sim/timing/cost_model.hpp"

#include "sim/timing/decoder.hpp"
#include "sim/timing/instruction.hpp"
#include "sim/timing/pipeline.hpp"

namespace orrery::timing {

namespace {

std::unique_ptr<Pipeline> make_pipeline(const CoreType& core) {
    return core.pipeline.kind == PipelineKind::in_order ? make_in_order(core)
                                                        : make_out_of_order(core);
}

}  // namespace

struct CostModel::State {
    explicit State(const CoreType& type) : core(type), pipeline(make_pipeline(core)) {}

    const CoreType core;
    std::unique_ptr<Pipeline> pipeline;
    Decoder decoder;
    std::vector<Instruction> decoded;  // of the block in hand; kept for its memory
    std::vector<uint32_t> parts;
};

CostModel::CostModel(const CoreType& core) : state_(std::make_unique<State>(core)) {}

CostModel::~CostModel() = default;

void CostModel::cumulative(std::span<const uint32_t> code, std::vector<uint32_t>& parts) {
    state_->decoded.clear();
    for (const uint32_t word : code) state_->decoded.push_back(state_->decoder.decode(word));
    parts.clear();
    state_->pipeline->run(state_->decoded, parts);
}

uint32_t CostModel::cost(std::span<const uint32_t> code) {
    cumulative(code, state_->parts);
    return state_->parts.empty() ? 0 : state_->parts.back();
}

const CoreType& CostModel::core() const {
    return state_->core;
}

}  // namespace orrery::timing
