@_exported import WinnowCore
@_exported import WinnowEncoders
@_exported import WinnowEvaluation
@_exported import WinnowStore
@_exported import WinnowTokenizers
