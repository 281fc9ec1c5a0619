"""The one table of metrics."""

from __future__ import annotations

from monitoring.metric import RATIO_BUCKETS, CounterMetric, GaugeMetric, HistogramMetric, Metric, Process

WORKER = (Process.WORKER,)
PRODUCER = (Process.PRODUCER,)
GATEWAY = (Process.GATEWAY,)
MONITOR = (Process.MONITOR,)
# Both name gestures.
SERVING = (Process.WORKER, Process.GATEWAY)
ALL = tuple(Process)

FRAMES_PROCESSED = CounterMetric(
    name="handstream_frames_processed_total",
    processes=WORKER,
    meaning="Frames that reached their outcome",
    labels=("status",),
    why="Its rate is the throughput; the share of no_hand and dead_letter tells whether cameras send anything usable.",
)
STAGE_SECONDS = HistogramMetric(
    name="handstream_stage_seconds",
    processes=WORKER,
    meaning="Time that one frame spent in a stage; all but publish without frames that were skipped as too old or sent "
    "again from the dead letters",
    labels=("stage",),
    why="Says which part to look at when frames are slow: queue, decode, landmarks, classify or publish.",
)
END_TO_END_SECONDS = HistogramMetric(
    name="handstream_end_to_end_seconds",
    processes=WORKER,
    meaning="From capture until the broker has the prediction; without frames that were skipped as too old or "
    "sent again from the dead letters, which were captured long ago",
    why="The delay that a person before the camera feels.",
)
WORKER_STUCK = GaugeMetric(
    name="handstream_worker_stuck",
    processes=WORKER,
    meaning="1 while the worker's event loop or a frame in recognition stands still, else 0",
    why="A stuck worker keeps its partitions and does nothing: restart it, and look for the stacks in its log.",
)
GESTURE_EVENTS = CounterMetric(
    name="handstream_gesture_events_total",
    processes=WORKER,
    meaning="Gestures that started or ended, as they were written to the topic `gestures`",
    labels=("gesture", "phase"),
    why="What people do, after debouncing: many of a gesture that nobody makes mean that the model sees it wrongly.",
)
FAULTY_CAMERAS = GaugeMetric(
    name="handstream_faulty_cameras_ratio",
    processes=WORKER,
    meaning="Share of the cameras of the last minute of whose frames more became dead letters than the limit allows",
    why="One camera that sends rubbish is its own fault; where most are faulty at once, the fault is probably ours.",
)
DEAD_LETTER_LIMIT_EXCEEDED = GaugeMetric(
    name="handstream_dead_letter_limit_exceeded",
    processes=WORKER,
    meaning="1 where that share is above HANDSTREAM_DEAD_LETTER_LIMIT, else 0",
    why="The worker is then not ready, and frames are lost to the dead letters until somebody looks.",
)
PREDICTIONS = CounterMetric(
    name="handstream_predictions_total",
    processes=WORKER,
    meaning="Hands that were named as each gesture",
    labels=("gesture",),
    why="The class distribution: what people show, or what the model takes it for.",
)
PREDICTION_CONFIDENCE = HistogramMetric(
    name="handstream_prediction_confidence_ratio",
    processes=WORKER,
    meaning="Probability of the gesture that a hand was named as",
    why="A model that becomes unsure sees what it was not trained on.",
    buckets=RATIO_BUCKETS,
)
HANDS_PER_FRAME = HistogramMetric(
    name="handstream_hands_per_frame",
    processes=WORKER,
    meaning="Hands that were found in a frame that was looked at",
    why="Cameras that see no hand cost as much as those that do.",
    buckets=(0.0, 1.0, 2.0),
)
COMPLETE_FRAMES = CounterMetric(
    name="handstream_complete_frames_total",
    processes=WORKER,
    meaning="Frames with a whole hand: all 21 landmarks of at least one lie inside the picture",
    why="Its share of the frames that were looked at is the completeness of the data: a hand cut off is named badly.",
)
LABELLED_FRAMES = CounterMetric(
    name="handstream_labelled_frames_total",
    processes=WORKER,
    meaning="Frames that brought their label and were looked at, by whether the prediction agrees",
    labels=("result",),
    why="The share of `right` is the live accuracy.",
)
DRIFT_DISTANCE = GaugeMetric(
    name="handstream_drift_distance_ratio",
    processes=WORKER,
    meaning="Jensen-Shannon distance of the last frames to the served model's reference, 0 to 1, by what is compared",
    labels=("feature",),
    why="A model is as good as what it sees is like what it learned from. Not there with too few frames.",
)
DRIFT_WINDOW_FRAMES = GaugeMetric(
    name="handstream_drift_window_frames",
    processes=WORKER,
    meaning="Frames that are compared with the reference: those that were looked at in HANDSTREAM_DRIFT_WINDOW_SECONDS",
    why="A distance of few frames says little.",
)
DEAD_LETTERS = CounterMetric(
    name="handstream_dead_letters_total",
    processes=WORKER,
    meaning="Frames that were themselves at fault and went to the dead letters",
    labels=("reason",),
    why="The reason tells whether a camera, a client or the network spoils them.",
)
CAMERA_FRAMES = CounterMetric(
    name="handstream_camera_frames_total",
    processes=WORKER,
    meaning="Frames of each camera that reached their outcome; `other` holds those beyond the bound of names",
    labels=("camera",),
    why="Throughput by camera.",
)
CAMERA_DEAD_LETTERS = CounterMetric(
    name="handstream_camera_dead_letters_total",
    processes=WORKER,
    meaning="Those of them that became dead letters, by the camera that they name",
    labels=("camera",),
    why="Says which camera spoils its frames.",
)
CAMERA_LAST_FRAME = GaugeMetric(
    name="handstream_camera_last_frame_timestamp_seconds",
    processes=WORKER,
    meaning="When the worker had the last frame of a live camera whose stream goes on, by the worker's own clock, in "
    "seconds since 1970; gone once the run has ended or another worker has the partition",
    labels=("camera",),
    why="A camera that fell silent is seen by nothing else.",
)
ASSIGNED_PARTITIONS = GaugeMetric(
    name="handstream_assigned_partitions",
    processes=WORKER,
    meaning="Partitions of `frames` that this worker has",
    why="A worker with none is idle; all on one means that the others are gone.",
)
REBALANCES = CounterMetric(
    name="handstream_rebalances_total",
    processes=WORKER,
    meaning="Times that partitions were shared out anew",
    why="Work stands still meanwhile; many of them mean that a worker comes and goes.",
)
PRODUCER_PUBLISHED = CounterMetric(
    name="handstream_producer_published_total",
    processes=PRODUCER,
    meaning="Frames that the broker confirmed",
    why="Its rate is what the camera really delivers.",
)
PRODUCER_PUBLISHED_BYTES = CounterMetric(
    name="handstream_producer_published_bytes_total",
    processes=PRODUCER,
    meaning="Bytes of the encoded pictures that the broker confirmed",
    why="What the network and the broker's disk carry.",
)
PRODUCER_DROPPED = CounterMetric(
    name="handstream_producer_dropped_total",
    processes=PRODUCER,
    meaning="Frames that were not published",
    labels=("reason",),
    why="queue_full: the broker does not keep up. Each drop is a frame that nobody will see.",
)
PRODUCER_PUBLISH_SECONDS = HistogramMetric(
    name="handstream_producer_publish_seconds",
    processes=PRODUCER,
    meaning="From handing a frame to the Kafka client until the broker confirmed it",
    why="The broker's part of the latency.",
)
PRODUCER_IN_FLIGHT = GaugeMetric(
    name="handstream_producer_in_flight",
    processes=PRODUCER,
    meaning="Frames handed to the Kafka client and not yet confirmed",
    why="At its bound, the broker is slower than the camera.",
)
PRODUCER_WAITING = GaugeMetric(
    name="handstream_producer_waiting",
    processes=PRODUCER,
    meaning="Frames that wait to be handed to the Kafka client",
    why="A queue that stays full drops.",
)
MODEL_INFO = GaugeMetric(
    name="handstream_model_info",
    processes=SERVING,
    meaning="The model that is served; always 1",
    labels=("name", "version", "sha256", "kind"),
    why="Says since when which model names the gestures, and whether all processes serve the same one.",
)
MODEL_TRAINING_ACCURACY = GaugeMetric(
    name="handstream_model_training_accuracy_ratio",
    processes=SERVING,
    meaning="Share of the hands trained on that each kind of classifier named rightly, in the run of the served model",
    labels=("kind",),
    why="Far above the evaluation's, the kind has learned its data by heart.",
)
MODEL_EVALUATION_ACCURACY = GaugeMetric(
    name="handstream_model_evaluation_accuracy_ratio",
    processes=SERVING,
    meaning="Share of held-out hands that each kind of classifier named rightly, in the run of the served model",
    labels=("kind",),
    why="What to expect of the served model, and what the other kinds would have done.",
)
MODEL_SWAPS = CounterMetric(
    name="handstream_model_swaps_total",
    processes=SERVING,
    meaning="Times that another model was taken into service without a restart",
    why="Shows that a promotion has arrived.",
)
MODEL_REFUSED = CounterMetric(
    name="handstream_model_refused_total",
    processes=SERVING,
    meaning="Models that were promoted or put into the folder and could not be served",
    labels=("reason",),
    why="The old model stays in service; whoever promoted the new one wants to know that it does.",
)
MODEL_SOURCE_UP = GaugeMetric(
    name="handstream_model_source_up",
    processes=SERVING,
    meaning="1 where the folder or registry of the model could be asked the last time, else 0",
    why="While it is 0, no promotion arrives.",
)
TRAINING_DATA_HANDS = GaugeMetric(
    name="handstream_training_data_hands",
    processes=SERVING,
    meaning="Hands that the served model was trained on",
    labels=("gesture",),
    why="A gesture of few hands is one that is often missed.",
)
TRAINING_DATA_COMPLETENESS = GaugeMetric(
    name="handstream_training_data_completeness_ratio",
    processes=SERVING,
    meaning="Share of what the sources held that could be trained on",
    why="Below 1, rows were faulty or photographs showed no hand.",
)
TRAINING_DATA_FAULTY = GaugeMetric(
    name="handstream_training_data_faulty",
    processes=SERVING,
    meaning="Rows, images and annotations that were left out of the training of the served model",
    why="Says how much lies behind a completeness below 1.",
)
TRAINING_DATA_NEAR_DUPLICATES = GaugeMetric(
    name="handstream_training_data_near_duplicates",
    processes=SERVING,
    meaning="Hands among the training data that are nearly the same as another one",
    why="Many of them make the data look larger than they are.",
)
TRAINING_DATA_PEOPLE = GaugeMetric(
    name="handstream_training_data_people",
    processes=SERVING,
    meaning="Known people whose hands the served model was trained on",
    why="A model of few people does worse on all others.",
)
GATEWAY_REQUESTS = CounterMetric(
    name="handstream_gateway_requests_total",
    processes=GATEWAY,
    meaning="HTTP requests that were answered",
    labels=("method", "endpoint", "code"),
    why="Its rate is the use of the API; 429 says that uploads come faster than they are recognised, 5xx that we fail.",
)
GATEWAY_REQUEST_SECONDS = HistogramMetric(
    name="handstream_gateway_request_seconds",
    processes=GATEWAY,
    meaning="Time from a request until its answer began",
    labels=("endpoint",),
    why="The delay that a user of the API feels.",
)
GATEWAY_VIEWERS = GaugeMetric(
    name="handstream_gateway_viewers",
    processes=GATEWAY,
    meaning="Viewers of the stream just now",
    labels=("kind",),
    why="Near HANDSTREAM_GATEWAY_MAX_VIEWERS the next one is turned away.",
)
GATEWAY_VIEWER_DROPS = CounterMetric(
    name="handstream_gateway_viewer_drops_total",
    processes=GATEWAY,
    meaning="Messages that a viewer was too slow for",
    labels=("kind",),
    why="A steady rate means that viewers see less than there is: their network or our processor is the limit.",
)
GATEWAY_CAMERAS = GaugeMetric(
    name="handstream_gateway_cameras",
    processes=GATEWAY,
    meaning="Browsers that are cameras just now",
    why="Near HANDSTREAM_GATEWAY_MAX_CAMERAS the next one is turned away.",
)
GATEWAY_CAMERA_FRAMES = CounterMetric(
    name="handstream_gateway_camera_frames_total",
    processes=GATEWAY,
    meaning="Frames of browsers that went to the broker",
    why="Against the dropped ones it says how much of what browsers show is recognised.",
)
GATEWAY_CAMERA_DROPS = CounterMetric(
    name="handstream_gateway_camera_drops_total",
    processes=GATEWAY,
    meaning="Frames of browsers that were dropped",
    labels=("reason",),
    why="backlog and broker mean that the stream cannot keep up, rate and size that a browser sends more than it may.",
)

# What `handstream monitor` asks of Kafka. kafka_… are the names and labels of kafka_exporter.
BROKER_UP = GaugeMetric(
    name="handstream_broker_up",
    processes=MONITOR,
    meaning="1 where Kafka answered the monitor the last time, else 0",
    why="While it is 0 nothing flows, and there is no kafka_… metric: what is not known is not shown.",
)
KAFKA_BROKERS = GaugeMetric(
    name="kafka_brokers",
    processes=MONITOR,
    meaning="Brokers of the cluster",
    why="Fewer than there should be means copies that are missing.",
)
KAFKA_TOPIC_PARTITIONS = GaugeMetric(
    name="kafka_topic_partitions",
    processes=MONITOR,
    meaning="Partitions of the topic",
    labels=("topic",),
    why="As many frames are processed at once.",
)
KAFKA_TOPIC_END = GaugeMetric(
    name="kafka_topic_partition_current_offset",
    processes=MONITOR,
    meaning="Next offset that will be written",
    labels=("topic", "partition"),
    why="Its rate is what arrives, by the broker's own count; a partition without any has no camera.",
)
KAFKA_TOPIC_BEGINNING = GaugeMetric(
    name="kafka_topic_partition_oldest_offset",
    processes=MONITOR,
    meaning="First offset that the partition still holds",
    labels=("topic", "partition"),
    why="Where it overtakes a group's offset, records were deleted before they were read.",
)
KAFKA_GROUP_OFFSET = GaugeMetric(
    name="kafka_consumergroup_current_offset",
    processes=MONITOR,
    meaning="Next offset that the group would read; not there where it has never committed",
    labels=("consumergroup", "topic", "partition"),
    why="Its rate is what is processed, by the broker's own count; it stands still where a worker does.",
)
KAFKA_GROUP_OFFSET_SUM = GaugeMetric(
    name="kafka_consumergroup_current_offset_sum",
    processes=MONITOR,
    meaning="Sum of the group's offsets over the partitions of the topic",
    labels=("consumergroup", "topic"),
    why="The same in one series a topic.",
)
KAFKA_GROUP_LAG = GaugeMetric(
    name="kafka_consumergroup_lag",
    processes=MONITOR,
    meaning="Records of the partition that the group has not committed and that are still there",
    labels=("consumergroup", "topic", "partition"),
    why="Grows where a worker is slow, stuck or dead, since Kafka is asked and not the worker.",
)
KAFKA_GROUP_LAG_SUM = GaugeMetric(
    name="kafka_consumergroup_lag_sum",
    processes=MONITOR,
    meaning="Records of the topic that the group has not committed and that are still there",
    labels=("consumergroup", "topic"),
    why="How much work lies before the workers.",
)
KAFKA_GROUP_LAG_SECONDS = GaugeMetric(
    name="kafka_consumergroup_lag_seconds",
    processes=MONITOR,
    meaning="Age of the oldest record that the group has not committed, 0 where none waits",
    labels=("consumergroup", "topic", "partition"),
    why="The delay that whoever reads the predictions has to expect, whatever the number of records.",
)
KAFKA_GROUP_MEMBERS = GaugeMetric(
    name="kafka_consumergroup_members",
    processes=MONITOR,
    meaning="Members of the group",
    labels=("consumergroup",),
    why="Worker processes that Kafka knows; fewer than were started means that some are dead.",
)
KAFKA_GROUP_STATE = GaugeMetric(
    name="handstream_consumergroup_state",
    processes=MONITOR,
    meaning="1 for the state that the group is in, 0 for the others",
    labels=("consumergroup", "state"),
    why="Empty or Dead: no worker. Long in PreparingRebalance: one that joins and leaves again and again.",
)

# What prometheus_client tells of every process on Linux, under the names that all its libraries share.
PROCESS_CPU = CounterMetric(
    name="process_cpu_seconds_total",
    processes=ALL,
    meaning="Processor time, of user and system",
    why="Its rate is the cores that the process uses; a worker process at 1 is at its limit.",
)
PROCESS_RESIDENT = GaugeMetric(
    name="process_resident_memory_bytes",
    processes=ALL,
    meaning="Resident memory",
    why="A line that only rises is a leak.",
)
PROCESS_VIRTUAL = GaugeMetric(
    name="process_virtual_memory_bytes",
    processes=ALL,
    meaning="Virtual memory",
    why="Far above the resident one without harm; a jump tells of a large mapping.",
)
PROCESS_START = GaugeMetric(
    name="process_start_time_seconds",
    processes=ALL,
    meaning="Start of the process, in seconds since 1970",
    why="A process that is always young ends again and again.",
)
PROCESS_OPEN_FILES = GaugeMetric(
    name="process_open_fds",
    processes=ALL,
    meaning="Open files and connections",
    why="A line that only rises ends at the limit.",
)
PROCESS_MAX_FILES = GaugeMetric(
    name="process_max_fds",
    processes=ALL,
    meaning="Open files and connections that are allowed",
    why="The limit that the open ones run into.",
)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
