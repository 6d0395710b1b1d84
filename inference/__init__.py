"""The model gateway: prompt to ids, choose a replica, speak Triton, ids to text."""
